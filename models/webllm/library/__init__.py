"""Compiles a Llama or Mistral shape into a WebGPU model library for web-llm 0.2.86."""
