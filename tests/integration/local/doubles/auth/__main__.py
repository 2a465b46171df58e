from tests.integration.local.doubles.process import run

run()
