//! Memory of this program itself: it does not grow with a long K.

use std::path::Path;
use std::process::Command;

/// 2^23 places of K in less memory than a few bytes for each would take: 128 of them were once kept of each row of B.
#[test]
#[cfg(target_os = "linux")]
fn a_long_k_is_simulated_in_little_memory() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("long-k");
    std::fs::create_dir_all(&folder).expect("a folder");
    let workload = folder.join("long.toml");
    std::fs::write(&workload, "name = \"long\"\n[[gemm]]\nname = \"long\"\nm = 1\nn = 1\nk = 8388608\n")
        .expect("a file");
    for design in ["opt4c-4x4", "skip-values-4x4", "mac-os-4x4"] {
        // Threads reserve addresses that they never touch: few threads, and room for them.
        let run = format!(
            "ulimit -v 700000; exec {:?} -q simulate {design} {:?} --set array.length-bits=24 --out {:?}",
            env!("CARGO_BIN_EXE_bitweight"),
            workload,
            folder.join(design)
        );
        let output = Command::new("sh").args(["-c", &run]).env("RAYON_NUM_THREADS", "2").output().expect("a shell");
        assert!(output.status.success(), "{design}: {}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("(of those that are too long the first 65536 places of K)"), "{design}: {said}");
    }
}
