//! GEMM as a loop nest with the bit-weight dimension.
