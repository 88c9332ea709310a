"""The released model: `artifact` verifies its folder and reads its manifest."""
