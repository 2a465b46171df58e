import sys

sys.exit("a setting is missing")
