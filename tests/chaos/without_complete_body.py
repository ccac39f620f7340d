"""The settings of the site without the middleware that refuses a body which broke off: what the test
of acknowledged answers must notice."""

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE as COMPLETE

MIDDLEWARE = [each for each in COMPLETE if each != "config.middleware.CompleteBody"]
assert len(MIDDLEWARE) == len(COMPLETE) - 1
