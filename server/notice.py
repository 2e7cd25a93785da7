"""A plain page of a few sentences, for when the real one cannot be shown."""

FRAME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Neural Playground</title>
<style>
body { font: 17px/1.5 system-ui, sans-serif; max-width: 34em; margin: 15vh auto; padding: 0 1em; background: #f5f4f0; color: #1d232b }
input::placeholder { color: inherit; opacity: 0.7 }
@media (prefers-color-scheme: dark) { body { background: #1a1917; color: #ece9e1 } }
</style>
<body>
"""
