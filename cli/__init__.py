"""`puremusic`: the command line of PureMusic. It talks to the public API and to nothing else, as any other client does.

cli.client      the API as Python: typed calls, tokens, uploads, downloads, the watch
cli.commands    what a person types
"""
