"""A schedule for the portable libraries: one thread for each output, summing in a register, in order."""

from tvm import s_tir, tirx
from tvm.s_tir import dlight
from tvm.s_tir.schedule import SBlockRV
from tvm.target import Target

THREADS = 64


class SerialReduction(dlight.base.ScheduleRule):
    """Takes functions with one reduction and at most one step after it. Needs no shared memory and no barriers."""

    def apply(self, function: tirx.PrimFunc, target: Target, tunable: bool) -> s_tir.Schedule | None:
        if not isinstance(function, tirx.PrimFunc):
            return None
        schedule = s_tir.Schedule(function)
        blocks = dlight.normalize_prim_func(schedule)
        if blocks is None:
            return None
        blocks = dlight.try_inline(schedule, blocks)
        if not blocks or not all(block.is_reduction() == (i == 0) for i, block in enumerate(blocks)) or len(blocks) > 2:
            return None
        reduction = blocks[0].block_rv
        if len(blocks) == 2:
            last = blocks[1].block_rv
            schedule.set_scope(reduction, 0, "local")
        else:
            last = schedule.cache_write(reduction, 0, "local")
        self.bind(schedule, reduction, last)
        return schedule

    def bind(self, schedule: s_tir.Schedule, reduction: SBlockRV, last: SBlockRV) -> None:
        loops = schedule.get_loops(last)
        block, thread = schedule.split(loops[-1], factors=[None, THREADS])
        # Rows stay on an axis of their own: dividing a fused symbolic axis would not be quasi-affine.
        rows = schedule.fuse(*loops[:-1]) if len(loops) > 1 else schedule.add_unit_loop(block)
        schedule.bind(rows, "blockIdx.y")
        schedule.bind(block, "blockIdx.x")
        schedule.bind(thread, "threadIdx.x")
        schedule.compute_at(reduction, thread)
        inner = schedule.get_loops(reduction)[3:]
        if inner:
            schedule.decompose_reduction(reduction, inner[0])
