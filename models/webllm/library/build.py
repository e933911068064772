"""From a shape to a library: graph, schedules, code, link."""

import json
import subprocess
from pathlib import Path
from typing import Any

import tvm
from tvm import relax, tirx
from tvm.s_tir import dlight

from .cache import add_cache_constructor
from .interface import describe_functions, describe_library
from .model import CausalModel
from .serial_rule import SerialReduction
from .shape import LibrarySettings, Shape

RUNTIME = ("wasm_runtime", "tvmjs_support", "webgpu_runtime")
LINK_OPTIONS = (
    "-Os",
    "-std=c++17",
    "--no-entry",
    "-sWASM_BIGINT=1",
    "-sERROR_ON_UNDEFINED_SYMBOLS=0",
    "-sSTANDALONE_WASM=1",
    "-sALLOW_MEMORY_GROWTH=1",
    "-sTOTAL_MEMORY=160MB",
)


def webgpu_target() -> tvm.target.Target:
    return tvm.target.Target({"kind": "webgpu", "host": {"kind": "llvm", "mtriple": "wasm32-unknown-unknown-wasm"}})


def make_module(shape: Shape, settings: LibrarySettings) -> tuple[tvm.IRModule, dict[str, Any]]:
    """The module before lowering, and the description that it carries."""
    functions = describe_functions(shape, settings)
    module, parameters, _ = CausalModel(shape, settings).export_tvm(spec=functions, allow_extern=True)
    description = describe_library(shape, settings, parameters)
    builder = relax.BlockBuilder(module)
    add_cache_constructor(builder, shape, settings, webgpu_target())
    with builder.function("_metadata", []):
        builder.emit_func_output(tvm.ir.StringImm(json.dumps(description)))
    module = builder.finalize()
    bounds = {"seq_len": settings.chunk, "batch_size": settings.max_batch}
    limits = {name: tirx.IntImm("int64", value) for name, value in bounds.items()}
    for variable, function in module.functions.items():
        if isinstance(function, relax.Function) and variable.name_hint in functions:
            module[variable] = function.with_attr("tir_var_upper_bound", limits)
    return module, description


def schedule_rules(settings: LibrarySettings) -> list[dlight.base.ScheduleRule]:
    if settings.kernels == "portable":
        return [SerialReduction(), dlight.gpu.GeneralReduction(), dlight.gpu.Fallback()]
    gpu = dlight.gpu
    return [gpu.Matmul(), gpu.GEMV(), gpu.Reduction(), gpu.GeneralReduction(), gpu.Fallback()]


def lower(module: tvm.IRModule, settings: LibrarySettings) -> tvm.IRModule:
    """Run the passes. To be called inside the target and the pass context."""
    change = relax.transform
    before = (
        relax.backend.DispatchSampling(),
        relax.backend.DispatchSortScan(),
        change.LegalizeOps(),
        change.AnnotateTIROpPattern(),
        change.FoldConstant(),
        change.FuseOps(),
        change.FuseTIR(),
        change.DeadCodeElimination(),
        dlight.ApplyDefaultSchedule(*schedule_rules(settings)),
        tirx.transform.ForceNarrowIndexToInt32(),
        change.RewriteDataflowReshape(),
        change.ToNonDataflow(),
        change.RemovePurityChecking(),
        change.CallTIRRewrite(),
        change.StaticPlanBlockMemory(),
        change.LowerAllocTensor(),
        change.KillAfterLastUse(),
        change.LowerRuntimeBuiltin(),
        change.ComputePrimValue(),
        change.VMShapeLower(),
        change.AttachGlobalSymbol(),
    )
    return tvm.transform.Sequential(before)(module)


def link(out: Path, objects: list[str], runtime: Path) -> None:
    """Link the model's object with the runtime's."""
    parts = [str(runtime / f"{name}.o") for name in RUNTIME]
    subprocess.run(["emcc", *LINK_OPTIONS, "-o", str(out), *parts, *objects], check=True)


def compile_module(module: tvm.IRModule, settings: LibrarySettings, out: Path, runtime: Path) -> None:
    """Lower, generate WGSL and WebAssembly, and write the library to `out`."""
    target = webgpu_target()
    with target, tvm.transform.PassContext(opt_level=3, config={"tirx.disable_cse_tir": True}):
        lowered = lower(module, settings)
        nothing = tvm.transform.Sequential([])
        executable = relax.build(lowered, target=target, relax_pipeline=nothing, system_lib=True)

    def link_objects(path: str, objects: list[str], **_: Any) -> None:
        link(Path(path), objects, runtime)

    link_objects.object_format = "o"
    executable.export_library(str(out), fcompile=link_objects)


def make_library(shape: Shape, settings: LibrarySettings, out: Path | None, runtime: Path) -> dict[str, Any]:
    """Compile `shape` into `out`; with None only describe it. Returns the description."""
    module, description = make_module(shape, settings)
    if out is not None:
        compile_module(module, settings, out, runtime)
    return description
