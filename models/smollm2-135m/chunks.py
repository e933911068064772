"""Writes tensors into external data files that several ONNX graphs may share."""

from dataclasses import dataclass

import numpy as np

# Code hosts warn from 50 MB on, and a smaller chunk is cheaper to fetch again.
CHUNK_BYTES = 44_000_000
ALIGNMENT = 64


@dataclass(frozen=True)
class Place:
    """Where a tensor lies: file name, offset and length in bytes."""

    file: str
    offset: int
    length: int
    dtype: str
    shape: tuple


def write_chunks(folder, prefix, tensors):
    """Writes (name, array) pairs to `<prefix>_<n>.bin` files; returns name -> Place."""
    places, number, offset = {}, 0, 0
    file = open(folder / f"{prefix}_0.bin", "wb")
    for name, array in tensors:
        array = np.ascontiguousarray(array)
        if offset and offset + array.nbytes > CHUNK_BYTES:
            file.close()
            number, offset = number + 1, 0
            file = open(folder / f"{prefix}_{number}.bin", "wb")
        padding = -offset % ALIGNMENT
        file.write(b"\0" * padding)
        offset += padding
        places[name] = Place(f"{prefix}_{number}.bin", offset, array.nbytes, str(array.dtype), array.shape)
        file.write(array.tobytes())
        offset += array.nbytes
    file.close()
    return places
