"""Compile the three runtime objects that every model library is linked with.

usage: build_runtime.py TILELANG_SDIST.tar.gz OUT

Everything comes from package registries: the sources from the wheels of apache-tvm and apache-tvm-ffi, and
eight headers that those wheels lack from the source archive of tilelang 0.1.14
(`pip download --no-deps --no-binary tilelang tilelang==0.1.14`). Needs `emcc` 3.1.6 (Debian's emscripten).
Writes OUT/{tvmjs_support,webgpu_runtime,wasm_runtime}.o: about one minute, 1.8 GB of memory.
"""

import argparse
import shutil
import subprocess
import tarfile
from pathlib import Path

import tvm
import tvm_ffi

OBJECTS = ("tvmjs_support", "webgpu_runtime", "wasm_runtime")
# The only members of the archive that are used; it is 92 MB.
SDIST_FOLDERS = ("src/support/", "include/tvm/support/", "3rdparty/compiler-rt/")
SDIST_ROOT = "3rdparty/tvm/"
INCLUDES = (".", "include", "3rdparty/tvm-ffi/include", "3rdparty/tvm-ffi/3rdparty/dlpack/include")

# No package has this header where the sources look for it. Profiling ranges do nothing in a browser.
NVTX_HEADER = """#pragma once
#include <string>
namespace tvm {
namespace support {
struct NVTXScopedRange {
  explicit NVTXScopedRange(const char*) {}
  explicit NVTXScopedRange(const std::string&) {}
};
}  // namespace support
}  // namespace tvm
#define TVM_NVTX_FUNC_SCOPE()
"""


def extract_headers(sdist: Path, tree: Path) -> None:
    """Copy the headers that only tilelang's source archive has."""
    with tarfile.open(sdist) as archive:
        for member in archive:
            _, _, path = member.name.partition(SDIST_ROOT)
            if member.isfile() and path.startswith(SDIST_FOLDERS):
                target = tree / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.extractfile(member).read())


def gather_sources(sdist: Path, tree: Path) -> None:
    """Put all sources into one tree. Copies, not links: they include each other by `../../src/...`."""
    shutil.rmtree(tree, ignore_errors=True)
    extract_headers(sdist, tree)
    of_tvm, of_ffi = Path(tvm.__file__).parent, Path(tvm_ffi.__file__).parent
    for source, target in (
        (of_tvm / "web/emcc", "web/emcc"),
        (of_tvm / "src/runtime", "src/runtime"),
        (of_tvm / "include/tvm/runtime", "include/tvm/runtime"),
        (of_ffi / "src", "3rdparty/tvm-ffi/src"),
        (of_ffi / "include", "3rdparty/tvm-ffi/include"),
        (of_ffi / "3rdparty/dlpack", "3rdparty/tvm-ffi/3rdparty/dlpack"),
    ):
        shutil.copytree(source, tree / target, dirs_exist_ok=True)
    nvtx = tree / "include/tvm/support/cuda/nvtx.h"
    nvtx.parent.mkdir(parents=True, exist_ok=True)
    nvtx.write_text(NVTX_HEADER)


def compile_object(name: str, tree: Path, out: Path) -> None:
    """Compile one source. Paths are relative: `__FILE__` ends up in the library, which must not depend on the folder."""
    includes = [f"-I{folder}" for folder in INCLUDES]
    target = (out / f"{name}.o").resolve()
    command = ["emcc", "-Os", "-std=c++17", "-Wno-everything", *includes, "-c", f"web/emcc/{name}.cc", "-o", str(target)]
    subprocess.run(command, cwd=tree, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sdist", type=Path, help="tilelang-0.1.14.tar.gz")
    parser.add_argument("out", type=Path, help="folder for the objects; sources go to OUT/sources")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    tree = options.out / "sources"
    gather_sources(options.sdist, tree)
    for name in OBJECTS:
        compile_object(name, tree, options.out)
        print("compiled", name, flush=True)


if __name__ == "__main__":
    main()
