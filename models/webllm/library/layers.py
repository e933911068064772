"""Linear and embedding layers over MLC's stored form.

With q4 a weight [N, K] is `q_weight` [N, K/8] uint32, eight codes a word, lowest bits first, and `q_scale` [N, K/32].
A value is (code - 7) * scale. Expanding and multiplying are one tensor expression, so that no fusion pass is needed.
"""

from collections.abc import Callable

from tvm import te, tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import Tensor, op

from .shape import LibrarySettings

GROUP = 32
CODES_PER_WORD = 8

Rows = int | str  # a string names a symbolic size
Element = Callable[[tirx.Expr, tirx.Expr], tirx.Expr]


class StoredMatrix(nn.Module):
    """A weight matrix [rows, columns] in the form that the quantisation says."""

    def __init__(self, rows: Rows, columns: int, settings: LibrarySettings) -> None:
        self.columns, self.dtype = columns, settings.dtype
        self.quantised = settings.quantised
        if not self.quantised:
            self.weight = nn.Parameter((rows, columns), self.dtype)
            return
        if columns % GROUP:
            raise ValueError(f"{columns} columns are not a multiple of {GROUP}, the group of the quantisation.")
        self.q_weight = nn.Parameter((rows, columns // CODES_PER_WORD), "uint32")
        self.q_scale = nn.Parameter((rows, columns // GROUP), self.dtype)

    def stored(self) -> list[Tensor]:
        """The parameters, as arguments of a tensor expression."""
        return [self.q_weight, self.q_scale] if self.quantised else [self.weight]

    def element(self, stored: tuple[te.Tensor, ...]) -> Element:
        """The value at (row, column), in the library's float type."""
        if not self.quantised:
            return lambda n, k: stored[0][n, k]
        words, scales = stored

        def value(n: tirx.Expr, k: tirx.Expr) -> tirx.Expr:
            shift = tirx.Cast("uint32", (k % CODES_PER_WORD) * 4)
            code = tirx.bitwise_and(tirx.shift_right(words[n, k // CODES_PER_WORD], shift), tirx.const(15, "uint32"))
            return (tirx.Cast(self.dtype, code) - tirx.const(7, self.dtype)) * scales[n, k // GROUP]

        return value

    def multiply(self, x: Tensor, out: str) -> Tensor:
        """x [batch, tokens, columns] times the transposed matrix, summed in the type `out`."""

        def expression(x: te.Tensor, *stored: te.Tensor) -> te.Tensor:
            value = self.element(stored)
            k = te.reduce_axis((0, self.columns), "k")
            batch, tokens, _ = x.shape
            return te.compute(
                (batch, tokens, stored[0].shape[0]),
                lambda b, i, n: te.sum((x[b, i, k] * value(n, k)).astype(out), axis=k),
                name="matmul",
            )

        return op.tensor_expr_op(expression, "matmul", [x, *self.stored()])

    def pick_rows(self, ids: Tensor) -> Tensor:
        """Rows by token id: [tokens] int32 -> [tokens, columns]."""

        def expression(ids: te.Tensor, *stored: te.Tensor) -> te.Tensor:
            value = self.element(stored)
            return te.compute((ids.shape[0], self.columns), lambda i, j: value(ids[i], j), name="embed")

        return op.tensor_expr_op(expression, "embed", [ids, *self.stored()])


class Linear(StoredMatrix):
    """A linear layer without bias. Sums in its output type, as MLC's libraries do."""

    def __init__(self, inputs: int, outputs: Rows, settings: LibrarySettings, out: str | None = None) -> None:
        super().__init__(outputs, inputs, settings)
        self.out = out or settings.dtype

    def forward(self, x: Tensor) -> Tensor:
        return self.multiply(x, self.out)


class Embedding(StoredMatrix):
    """The table of token vectors."""

    def forward(self, ids: Tensor) -> Tensor:
        return self.pick_rows(ids)
