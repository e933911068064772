"""The graph: Llama and Mistral (the same computation), and the entry points that web-llm calls."""

from tvm import te
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import Tensor, op
from tvm.relax.frontend.nn.llm.kv_cache import PagedKVCache

from .layers import Embedding, Linear
from .sampling import SamplingFunctions
from .shape import LibrarySettings, Shape

VOCABULARY = "vocab_size"


def make_norm(shape: Shape, settings: LibrarySettings) -> nn.RMSNorm:
    return nn.RMSNorm(shape.hidden, -1, shape.epsilon, bias=False, dtype=settings.dtype)


class Attention(nn.Module):
    """Self-attention through the paged cache, which also rotates queries and keys."""

    def __init__(self, shape: Shape, settings: LibrarySettings, layer: int) -> None:
        self.shape, self.layer = shape, layer
        rows = (shape.heads + 2 * shape.kv_heads) * shape.head_dim
        self.qkv_proj = Linear(shape.hidden, rows, settings)
        self.o_proj = Linear(shape.heads * shape.head_dim, shape.hidden, settings)

    def forward(self, x: Tensor, cache: PagedKVCache) -> Tensor:
        s = self.shape
        batch, tokens, _ = x.shape
        qkv = op.reshape(self.qkv_proj(x), (batch, tokens, s.heads + 2 * s.kv_heads, s.head_dim))
        mixed = cache.attention_with_fused_qkv(self.layer, qkv, s.heads, s.head_dim**-0.5)
        return self.o_proj(op.reshape(mixed, (batch, tokens, s.heads * s.head_dim)))


class FeedForward(nn.Module):
    """The gated feed-forward block."""

    def __init__(self, shape: Shape, settings: LibrarySettings) -> None:
        self.gate_up_proj = Linear(shape.hidden, 2 * shape.intermediate, settings)
        self.down_proj = Linear(shape.intermediate, shape.hidden, settings)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = op.split(self.gate_up_proj(x), 2, axis=-1)
        return self.down_proj(op.silu(gate) * up)


class Layer(nn.Module):
    """One transformer block."""

    def __init__(self, shape: Shape, settings: LibrarySettings, layer: int) -> None:
        self.self_attn = Attention(shape, settings, layer)
        self.mlp = FeedForward(shape, settings)
        self.input_layernorm = make_norm(shape, settings)
        self.post_attention_layernorm = make_norm(shape, settings)

    def forward(self, x: Tensor, cache: PagedKVCache) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    """Everything below the output layer. Its attribute names are the parameters' names."""

    def __init__(self, shape: Shape, settings: LibrarySettings) -> None:
        self.embed_tokens = Embedding(VOCABULARY, shape.hidden, settings)
        self.layers = nn.ModuleList([Layer(shape, settings, i) for i in range(shape.layers)])
        self.norm = make_norm(shape, settings)

    def forward(self, x: Tensor, cache: PagedKVCache) -> Tensor:
        for layer in self.layers:
            x = layer(x, cache)
        return self.norm(x)


def last_token(x: Tensor) -> Tensor:
    """[batch, tokens, hidden] -> [batch, 1, hidden]."""

    def expression(x: te.Tensor) -> te.Tensor:
        shape = (x.shape[0], 1, x.shape[2])
        return te.compute(shape, lambda b, _, h: x[b, x.shape[1] - 1, h], name="last")

    return op.tensor_expr_op(expression, "last", [x])


class CausalModel(SamplingFunctions):
    """The model as web-llm drives it. Logits are float32 whatever the type of the weights."""

    def __init__(self, shape: Shape, settings: LibrarySettings) -> None:
        self.model = Body(shape, settings)
        self.tied = shape.tied
        if not shape.tied:
            self.lm_head = Linear(shape.hidden, VOCABULARY, settings, out="float32")

    def logits(self, x: Tensor) -> Tensor:
        return self.model.embed_tokens.multiply(x, "float32") if self.tied else self.lm_head(x)

    def embed(self, input_ids: Tensor) -> Tensor:
        return self.model.embed_tokens(input_ids)

    def prefill(self, input_embed: Tensor, paged_kv_cache: PagedKVCache) -> tuple[Tensor, PagedKVCache]:
        return self.logits(last_token(self.model(input_embed, paged_kv_cache))), paged_kv_cache

    def decode(self, input_embed: Tensor, paged_kv_cache: PagedKVCache) -> tuple[Tensor, PagedKVCache]:
        return self.logits(self.model(input_embed, paged_kv_cache)), paged_kv_cache

    def batch_prefill(
        self, input_embeds: Tensor, logit_positions: Tensor, paged_kv_cache: PagedKVCache
    ) -> tuple[Tensor, PagedKVCache]:
        x = self.model(input_embeds, paged_kv_cache)
        return self.logits(op.take(x, logit_positions, axis=1)), paged_kv_cache

    def batch_decode(self, input_embeds: Tensor, paged_kv_cache: PagedKVCache) -> tuple[Tensor, PagedKVCache]:
        return self.logits(self.model(input_embeds, paged_kv_cache)), paged_kv_cache

    def batch_verify(self, input_embeds: Tensor, paged_kv_cache: PagedKVCache) -> tuple[Tensor, PagedKVCache]:
        """Logits of every position, not only the last."""
        return self.logits(self.model(input_embeds, paged_kv_cache)), paged_kv_cache
