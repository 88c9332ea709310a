"""The playground in real browsers: `python -m tests.browser`, or `make browser-check`.

It needs Debian's `chromium` and `firefox-esr` (`apt-get install chromium firefox-esr`), and the packages of `web/`
(`make web`); what is missing is told, and fails the check.
"""
