"""Loading ONNX models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.engine import ProviderError

if TYPE_CHECKING:
    from pathlib import Path

    from onnxruntime import InferenceSession


def load_onnx(path: Path, name: str) -> InferenceSession:
    """Load a model, to run in the calling thread only.

    Args:
        path: the file.
        name: what `trialogue models fetch` calls it, for the error.

    Raises:
        ProviderError: onnxruntime refuses the file.
    """
    import onnxruntime  # here, because it is large

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # else each session spawns a pool of threads
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no base of their own
        raise ProviderError(
            f"the model file {path} does not load ({error}); fetch it anew with `trialogue models fetch {name}`"
        ) from error
