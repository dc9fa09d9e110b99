"""What third parties read from every file below a folder, as one line of JSON for each.

    python3 tests/corpus/reference.py FOLDER > reference.jsonl

DICOM by pydicom, what it cannot decode by DCMTK (dcmdjpeg, dcmdjpls) or GDCM (gdcmconv); NIfTI by nibabel. Values are
rescaled float32, colour is RGB of 8 bits. Each file is read in a process of its own: decoders crash on damaged files.
Needs pydicom 3, nibabel and numpy; pydicom 2.3 gives other values for 16 files of the corpora (YBR, 8-bit big endian, 16-bit tables).
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import nibabel
import numpy
import pydicom
from pydicom.pixel_data_handlers.util import apply_color_lut, apply_modality_lut, convert_color_space

warnings.simplefilter("ignore")
LOSSY = {"4.50", "4.51", "4.81", "4.91", "4.203"}
OLD = int(pydicom.__version__.split(".")[0]) < 3
SAMPLES = 64


def digest(values):
    return hashlib.sha256(numpy.ascontiguousarray(values, "<f4").tobytes()).hexdigest()[:32]


def dicom(path):
    dataset = pydicom.dcmread(path, force=True)
    if "Rows" not in dataset or dataset.Rows * dataset.Columns == 0:
        return {"error": "no image"}
    frames, reader = decoded(path, dataset)
    flat = frames[0].reshape(-1)
    meta = getattr(dataset, "file_meta", {})
    syntax = str(meta.get("TransferSyntaxUID", "")).removeprefix("1.2.840.10008.1.2.")
    return {
        "reader": reader,
        "columns": int(dataset.Columns),
        "rows": int(dataset.Rows),
        "frames": int(frames.shape[0]),
        "samples": 3 if frames.ndim == 4 else 1,
        "lossy": syntax in LOSSY or (frames.ndim == 4 and "YBR" in dataset.PhotometricInterpretation),
        "hashes": sorted(digest(frame) for frame in frames),
        "values": [float(flat[(i * 2654435761) % flat.size]) for i in range(SAMPLES)],
        "corners": corners(dataset, frames.shape[0]),
    }


def decoded(path, dataset):
    try:
        return rescaled(dataset), "pydicom"
    except Exception:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "raw.dcm"
            for tool, options in (("dcmdjpeg", []), ("dcmdjpls", []), ("gdcmconv", ["--raw"])):
                if subprocess.run([tool, *options, path, target], capture_output=True).returncode == 0:
                    return rescaled(pydicom.dcmread(target, force=True)), tool
        raise


def rescaled(dataset):
    pixels = dataset.pixel_array
    count = int(dataset.get("NumberOfFrames", 1) or 1)
    samples = dataset.SamplesPerPixel
    photometric = dataset.PhotometricInterpretation
    if photometric == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
        if pixels.dtype.itemsize > 1 and pixels.max() > 255:
            pixels = pixels >> 8
        samples = 3
    elif samples == 3:
        syntax = str(getattr(dataset, "file_meta", {}).get("TransferSyntaxUID", ""))
        if OLD and photometric.startswith("YBR_FULL") and ".4." not in syntax[17:]:
            pixels = convert_color_space(pixels, photometric, "RGB")
        pixels = pixels >> max(0, dataset.get("BitsStored", 8) - 8)
    else:
        pixels = measured(pixels.reshape(count, dataset.Rows, dataset.Columns), dataset)
    return pixels.reshape((count, dataset.Rows, dataset.Columns) + ((3,) if samples == 3 else ())).astype("<f4")


def measured(pixels, dataset):
    if "DoseGridScaling" in dataset:
        return pixels * float(dataset.DoseGridScaling)
    shared, own = groups(dataset, len(pixels))
    name = "PixelValueTransformationSequence"
    if name not in shared and not any(name in group for group in own):
        return apply_modality_lut(pixels, dataset)
    items = [(group if name in group else shared)[name][0] for group in own]
    return numpy.stack([f * float(i.RescaleSlope) + float(i.RescaleIntercept) for f, i in zip(pixels, items)])


def groups(dataset, count):
    shared = dataset.get("SharedFunctionalGroupsSequence") or [{}]
    own = dataset.get("PerFrameFunctionalGroupsSequence") or [{}] * count
    return shared[0], own


def corners(dataset, count):
    """Four corners, LPS in mm, of every frame that has a place."""
    shared, own = groups(dataset, count)
    result = []
    offsets = list(dataset.get("GridFrameOffsetVector") or [])
    offsets = offsets if len(offsets) == count else [0] * count
    for group, offset in zip(own[:count], offsets):
        def value(sequence, keyword):
            for source in (group, shared):
                if sequence in source and keyword in source[sequence][0]:
                    return source[sequence][0].get(keyword)
            return dataset.get(keyword)

        position = value("PlanePositionSequence", "ImagePositionPatient")
        orientation = value("PlaneOrientationSequence", "ImageOrientationPatient")
        spacing = value("PixelMeasuresSequence", "PixelSpacing")
        if not position or not orientation or not spacing:
            continue
        origin = numpy.array(position, float)
        row, column = numpy.split(numpy.array(orientation, float), 2)
        origin = origin + numpy.cross(row, column) * float(offset - offsets[0])
        result.append(
            [
                (origin + row * float(spacing[1]) * i + column * float(spacing[0]) * j).tolist()
                for j in (0, dataset.Rows - 1)
                for i in (0, dataset.Columns - 1)
            ]
        )
    return result


def nifti(path):
    image = nibabel.load(path)
    data = numpy.asanyarray(image.dataobj)
    if data.dtype.fields is not None:
        values = numpy.stack([data[name] for name in ("R", "G", "B")], axis=0).astype("<f4")
    else:
        is_complex = numpy.iscomplexobj(data)
        values = (numpy.abs(data.astype("c16")) if is_complex else image.get_fdata(dtype="f8")).astype("<f4")
    size = [*image.shape[:3], *[1] * (3 - len(image.shape))]
    lps = numpy.diag([-1, -1, 1, 1]) @ image.affine
    ends = [[0, n - 1] for n in size]
    points = [(lps @ [i, j, k, 1])[:3].tolist() for k in ends[2] for j in ends[1] for i in ends[0]]
    return {
        "reader": "nibabel",
        "columns": int(size[0]),
        "rows": int(size[1]),
        "hashes": [digest(values.reshape(-1, order="F"))],
        "corners": [points[:4], points[4:]],
    }


def read(path):
    is_nifti = path.name.endswith((".nii", ".nii.gz"))
    try:
        return nifti(path) if is_nifti else dicom(path)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:200]}


def apart(path):
    source, target = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        with os.fdopen(target, "w") as pipe:
            pipe.write(json.dumps(read(path)))
        os._exit(0)
    os.close(target)
    with os.fdopen(source) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"error": "the decoder crashed"}


root = Path(sys.argv[1])
for file in sorted(root.rglob("*")):
    if file.is_file() and file.suffix not in {".zip", ".json", ".txt", ".md"}:
        print(json.dumps({"path": str(file.relative_to(root)), **apart(file)}), flush=True)
