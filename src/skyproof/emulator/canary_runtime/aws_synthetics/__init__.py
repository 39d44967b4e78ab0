"""The library that canaries written in Python import, as far as they can see it.

It is found by a search path and runs in the canary's own process, with nothing but the standard
library and, for browsers, Selenium. Written from AWS's documentation of its functions:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_Library_Python.html
"""
