"""Kernels: words of the language applied to whole columns."""
