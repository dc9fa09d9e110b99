"""Changes to an exported ONNX graph that leave its numbers as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime

AXIS = "batch"


def free_batch(path: Path) -> None:
    """Gives the first side of every value the name `batch` instead of the number, so that fewer images cost less.

    The exporter's own dynamic shapes compute every shape anew and leave most values without one; here the shapes stay in
    the file, and ONNX Runtime lays out convolutions as for a fixed batch. Refuses a network in which the batch takes part
    in another side, or whose rows depend on each other.
    """
    model = onnx.load(str(path))
    graph = model.graph
    batch = graph.input[0].type.tensor_type.shape.dim[0].dim_value
    for value in (*graph.input, *graph.output, *graph.value_info):
        sides = value.type.tensor_type.shape.dim
        if sides and sides[0].dim_value == batch:
            sides[0].dim_param = AXIS
        elif sides and sides[0].dim_value % batch == 0 and value.name in reshaped(graph):
            sides[0].ClearField("value")  # heads × batch: no name says that
    constants = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Reshape":
            free_reshape(node, constants[node.input[1]], batch)
    free = path.with_suffix(".free.onnx")
    onnx.shape_inference.infer_shapes(model, strict_mode=True)  # refuses what contradicts itself
    onnx.save(model, str(free))
    check_rows(path, free, batch)
    free.replace(path)


def reshaped(graph) -> set[str]:
    """Outputs of Reshape and of the Transpose behind one."""
    found: set[str] = set()
    for node in graph.node:
        if node.op_type == "Reshape" or (node.op_type == "Transpose" and node.input[0] in found):
            found.update(node.output)
    return found


def free_reshape(node, target, batch: int) -> None:
    """The first side follows from the others (−1), or, where another one already does, is that of the input (0)."""
    shape = onnx.numpy_helper.to_array(target).copy()
    kept = [attribute for attribute in node.attribute if attribute.name != "allowzero"]
    del node.attribute[:]
    node.attribute.extend(kept)
    if shape[0] % batch or shape[0] == 0:
        return  # 0: the same constant served a Reshape before this one
    if -1 in shape and shape[0] != batch:
        raise SystemExit(f"{node.name}: the batch cannot be freed in {shape.tolist()}")
    shape[0] = 0 if -1 in shape else -1
    target.CopyFrom(onnx.numpy_helper.from_array(shape, target.name))


def check_rows(fixed: Path, free: Path, batch: int) -> None:
    """Each row, alone or in any company, must have the very bytes that it has in the fixed graph."""
    sessions = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (fixed, free)]
    generator = np.random.default_rng(0)
    inputs = {}
    for value in sessions[0].get_inputs():
        drawn = generator.standard_normal(value.shape) if len(value.shape) > 1 else np.arange(value.shape[0])
        inputs[value.name] = drawn.astype(np.int64 if "int64" in value.type else np.float32)
    expected = sessions[0].run(None, inputs)[0]
    for count in range(1, batch + 1):
        for first in range(batch - count + 1):
            rows = {name: value[first : first + count] for name, value in inputs.items()}
            if not np.array_equal(sessions[1].run(None, rows)[0], expected[first : first + count]):
                raise SystemExit(f"{free}: {count} rows from row {first} differ from the same rows in a batch of {batch}")


def store_as_float32(path: Path, target: Path) -> None:
    """The file with its float16 weights as float32 and without the Casts behind them, for tools that look for weights."""
    model = onnx.load(str(path))
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes, used = [], set()
    for node in model.graph.node:
        if node.op_type == "Cast" and node.input[0] in stored:
            values = onnx.numpy_helper.to_array(stored[node.input[0]]).astype(np.float32)
            model.graph.initializer.append(onnx.numpy_helper.from_array(values, node.output[0]))
            used.add(node.input[0])
        else:
            nodes.append(node)
    kept = [tensor for tensor in model.graph.initializer if tensor.name not in used]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(kept)
    onnx.save(model, str(target))
