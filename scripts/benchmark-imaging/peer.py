"""What a researcher would write with pydicom and numpy; and the series that both sides read.

    python3 peer.py make FOLDER      1,000 small CT headers, a 300-slice CT, 60 slices as JPEG 2000 and as JPEG-LS
    python3 peer.py index FOLDER     prints the seconds that grouping and sorting all headers took
    python3 peer.py load FOLDER      prints the seconds that one rescaled volume took

Needs pydicom and numpy; gdcmconv (libgdcm-tools) for the compressed series.
"""

import subprocess
import sys
import time
from pathlib import Path

import numpy
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid


def slice_of(series, study, k, size):
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[series, str(k)])
    data.is_little_endian, data.is_implicit_VR = True, False
    data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = study, series, study
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.PatientName, data.PatientID, data.Modality = "BENCH^MARK", "B1", "CT"
    data.StudyDate = data.SeriesDate = data.AcquisitionDate = data.ContentDate = "20200102"
    data.StudyTime = data.SeriesTime = data.AcquisitionTime = data.ContentTime = "101112.0"
    data.Manufacturer, data.InstitutionName, data.StationName = "MAKER", "HOSPITAL", "CT1"
    data.StudyDescription, data.SeriesDescription, data.ProtocolName = "HEAD", "AXIAL 1.25", "ROUTINE HEAD"
    data.KVP, data.XRayTubeCurrent, data.ExposureTime, data.ConvolutionKernel = 120, 200, 1000, "SOFT"
    data.GantryDetectorTilt, data.TableHeight, data.PatientPosition = 0, 140, "HFS"
    data.SeriesNumber, data.AcquisitionNumber, data.InstanceNumber = 2, 1, k + 1
    data.SliceThickness, data.SliceLocation = 1.25, k * 1.25
    data.ImagePositionPatient, data.ImageOrientationPatient = [-125, -125, k * 1.25], [1, 0, 0, 0, 1, 0]
    data.PixelSpacing = [250 / size, 250 / size]
    data.Rows = data.Columns = size
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = -1024, 1, "HU"
    data.WindowCenter, data.WindowWidth = 40, 400
    y, x = numpy.mgrid[0:size, 0:size] * (512 / size)
    noise = numpy.random.default_rng(k).integers(-20, 20, (size, size))
    inside = numpy.hypot(x - 256, (y - 256) * 1.2) < 230
    values = numpy.where(inside, 1064 + 60 * numpy.sin(x / 25 + k / 20) * numpy.cos(y / 30) + noise, 24 + noise / 2)
    data.PixelData = values.astype("<u2").tobytes()
    return data


def make(folder):
    for name, count, size in (("index", 1000, 64), ("ct", 300, 512), ("plain", 60, 512)):
        (folder / name).mkdir(parents=True)
        study, series = generate_uid(), generate_uid()
        for k in range(count):
            slice_of(series, study, k, size).save_as(folder / name / f"{k:04d}.dcm", write_like_original=False)
    for name, option in (("j2k", "--j2k"), ("jls", "--jpegls")):
        (folder / name).mkdir()
        for path in sorted((folder / "plain").iterdir()):
            subprocess.run(["gdcmconv", option, path, folder / name / path.name], check=True)


def index(folder):
    started = time.perf_counter()
    series = {}
    for path in folder.iterdir():
        data = pydicom.dcmread(path, stop_before_pixels=True)
        series.setdefault(data.SeriesInstanceUID, []).append(data)
    for members in series.values():
        members.sort(key=lambda data: float(data.ImagePositionPatient[2]))
    return time.perf_counter() - started


def load(folder):
    started = time.perf_counter()
    slices = sorted((pydicom.dcmread(path) for path in folder.iterdir()), key=lambda d: float(d.ImagePositionPatient[2]))
    volume = numpy.empty((len(slices), slices[0].Rows, slices[0].Columns), numpy.float32)
    for k, data in enumerate(slices):
        volume[k] = data.pixel_array * float(data.RescaleSlope) + float(data.RescaleIntercept)
    # The range and the window that a viewer begins with.
    volume.min(), volume.max(), numpy.percentile(volume[len(slices) // 2], (1, 99))
    return time.perf_counter() - started


command, where = sys.argv[1], Path(sys.argv[2])
if command == "make":
    make(where)
else:
    print({"index": index, "load": load}[command](where))
