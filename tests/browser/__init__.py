"""The playground in a real browser: `python -m tests.browser`, or `make browser-check`.

It needs Debian's `chromium` (`apt-get install chromium`) and the packages of `web/` (`make web`); what is missing is
told, and fails the check.
"""
