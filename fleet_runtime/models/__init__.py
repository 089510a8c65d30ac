"""Clients for chat models: any OpenAI-compatible endpoint, and the model embedded in this process.

Decides no prompt and judges no answer beyond its form.
"""
