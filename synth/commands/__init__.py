"""The commands of `synth`, one file each; `synth.cli` puts them together."""

__all__: list[str] = []
