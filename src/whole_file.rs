//! Files that are whole or not there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file under a temporary name beside it and renames it, so that a killed run leaves the old one whole.
///
/// # Errors
/// The folder cannot be made, or the file cannot be written or renamed.
pub fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let mut temporary = name.to_os_string();
    temporary.push(format!(".{}.part", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&temporary, path));
    if renamed.is_err() {
        // The first error is the one worth reporting; a left-over file beside it is not.
        drop(fs::remove_file(&temporary));
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_replaces_the_old_one_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("deep/results.json");
        for contents in ["first", "second"] {
            write_whole(&path, contents.as_bytes()).expect("a file in a folder of our own");
            assert_eq!(fs::read_to_string(&path).expect("the file"), contents);
        }
        assert_eq!(fs::read_dir(folder.path().join("deep")).expect("the folder").count(), 1);
    }
}
