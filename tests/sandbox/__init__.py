"""What is proved in a real account every night, and in a strict emulator in CI."""
