"""Networks from PyTorch and ONNX: their graph becomes equations, which are written as a file."""
