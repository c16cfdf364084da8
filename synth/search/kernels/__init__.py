"""Kernels: words of the language applied to whole columns."""


def kernel_for(word, parameters, result):
    from synth.search.kernels import lists
    return lists.KERNELS.get(word)
