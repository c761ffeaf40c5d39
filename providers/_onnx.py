"""Loading ONNX models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trialogue.engine import ProviderError, offload
from trialogue.providers._models import need_model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from onnxruntime import InferenceSession


class OnnxModel:
    """A model that all sessions share.

    Args:
        name: what `trialogue models fetch` calls it.
        path: the file; None finds it.
        sizes: of dimensions that the file leaves open, by name; what is known beforehand is computed beforehand.
    """

    def __init__(self, name: str, path: Path | None, **sizes: int) -> None:
        self._name = name
        self._path = path
        self._sizes = sizes
        self._loading = trio.Lock()
        self._loaded: InferenceSession | None = None

    async def get(self) -> InferenceSession:
        """The model, loaded once, however many ask for it at the same time.

        Raises:
            ProviderError: the file is missing, or onnxruntime refuses it.
        """
        async with self._loading:
            if self._loaded is None:
                self._loaded = await offload(_load, need_model(self._name, self._path), self._name, self._sizes)
            return self._loaded


def _load(path: Path, name: str, sizes: Mapping[str, int]) -> InferenceSession:
    """Load a model, to run in the calling thread only.

    Args:
        path: the file.
        name: what `trialogue models fetch` calls it, for the error.
        sizes: see OnnxModel.

    Raises:
        ProviderError: onnxruntime refuses the file.
    """
    import onnxruntime  # here, because it is large

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # else each session spawns a pool of threads
    options.inter_op_num_threads = 1
    for dimension, size in sizes.items():
        options.add_free_dimension_override_by_name(dimension, size)
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no base of their own
        raise ProviderError(
            f"the model file {path} does not load ({error}); fetch it anew with `trialogue models fetch {name}`"
        ) from error
