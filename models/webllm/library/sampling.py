"""The six functions that web-llm needs for choosing a token, without a sort: TVM's hangs on the software GPU.

`argsort_probs` therefore returns the probabilities as they are, and `sample_with_top_p`, the only reader of its result,
finds the nucleus by bisection. Both belong together: use them with no other library's half.
"""

from tvm import te, tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import Tensor, op

from . import sampling_kernels as kernels

# Below this a temperature means "the most likely token", and dividing by it would overflow.
LOWEST_TEMPERATURE = 1e-5


def like(tensor: Tensor, dtype: str) -> Tensor:
    return Tensor.placeholder(tensor.shape, dtype)


class SamplingFunctions(nn.Module):
    """Entry points on logits [batch, vocabulary] float32. The `_inplace` ones change their first argument."""

    def softmax_with_temperature(self, logits: Tensor, temperature: Tensor) -> Tensor:
        def divide(x: te.Tensor, t: te.Tensor) -> te.Tensor:
            lowest = tirx.const(LOWEST_TEMPERATURE, "float32")
            return te.compute(x.shape, lambda b, i, v: x[b, i, v] / te.max(t[b], lowest), name="tempered")

        return op.softmax(op.tensor_expr_op(divide, "tempered", [logits, temperature]), axis=-1)

    def argsort_probs(self, probs: Tensor) -> Tensor:
        def unsorted(p: te.Tensor) -> list[te.Tensor]:
            return [
                te.compute(p.shape, lambda b, v: p[b, v], name="probabilities"),
                te.compute(p.shape, lambda b, v: v.astype("int32"), name="positions"),
            ]

        return op.tensor_expr_op(unsorted, "unsorted", [probs])

    def sample_with_top_p(
        self,
        sorted_probs: Tensor,
        sorted_indices: Tensor,
        uniform_samples: Tensor,
        sample_indices: Tensor,
        top_p: Tensor,
    ) -> Tensor:
        arguments = [sorted_probs, sorted_indices, uniform_samples, sample_indices, top_p]
        return op.tensor_ir_op(kernels.pick_from_nucleus, "top_p", arguments, like(uniform_samples, "int32"))

    def apply_logit_bias_inplace(
        self, logits: Tensor, pos2seq_id: Tensor, token_ids: Tensor, logit_bias: Tensor
    ) -> Tensor:
        arguments = [logits, pos2seq_id, token_ids, logit_bias]
        return op.tensor_ir_inplace_op(kernels.add_bias, "logit_bias", arguments, 0, like(logits, "float32"))

    def apply_penalty_inplace(
        self,
        logits: Tensor,
        seq_ids: Tensor,
        pos2seq_id: Tensor,
        token_ids: Tensor,
        token_cnt: Tensor,
        penalties: Tensor,
    ) -> Tensor:
        arguments = [logits, seq_ids, pos2seq_id, token_ids, token_cnt, penalties]
        return op.tensor_ir_inplace_op(kernels.apply_penalties, "penalty", arguments, 0, like(logits, "float32"))

    def apply_bitmask_inplace(self, logits: Tensor, seq_ids: Tensor, bitmask: Tensor) -> Tensor:
        arguments = [logits, seq_ids, bitmask]
        return op.tensor_ir_inplace_op(kernels.apply_bitmask, "bitmask", arguments, 0, like(logits, "float32"))
