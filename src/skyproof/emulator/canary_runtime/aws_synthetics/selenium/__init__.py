"""``from aws_synthetics.selenium import synthetics_webdriver``."""
