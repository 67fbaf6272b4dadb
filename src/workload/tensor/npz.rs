//! Arrays in `.npz` archives: a zip file whose entries are `.npy` files, stored or deflated.
//!
//! The directory is read through a buffer of fixed size, and an entry is inflated as its values are wanted, so neither a
//! long directory nor an entry that claims to be huge takes memory.

use std::io::{BufReader, Read};

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ErrorKind, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder};

use super::{
    fault::Fault,
    npy,
    request::{ReadSeek, Visitor},
};

/// Entries that are looked at. No archive of arrays has more; a file that claims so is not read to its end.
const MOST_ENTRIES: usize = 1 << 20;
/// Names that are kept for an error.
const MOST_NAMES: usize = 10_000;

/// Calls `each` with the array of this name.
///
/// # Errors
/// No zip archive; no such entry; an entry that is compressed otherwise, encrypted, damaged or no array; what `each` says.
pub(super) fn visit(mut reader: Box<dyn ReadSeek>, name: Option<&str>, each: &mut Visitor<'_>) -> Result<(), Fault> {
    // A failure here is one of the disk, or of a pipe that cannot be sought in.
    reader.rewind().map_err(|error| Fault::Unreadable(error.to_string()))?;
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_seekable(reader, &mut buffer).map_err(broken)?;
    let (wayfinder, method) = entry(&archive, &mut buffer, name)?;
    let entry = archive.get_entry(wayfinder).map_err(broken)?;
    // What is wrong with the bytes of an entry is told with its name.
    let named = |fault| match (fault, name) {
        (Fault::Format(reason), Some(name)) => Fault::Format(format!("`{name}`: {reason}")),
        (fault, _) => fault,
    };
    let stored = BufReader::new(entry.reader());
    let mut values: Box<dyn Read + '_> = match method {
        CompressionMethod::STORE => Box::new(entry.verifying_reader(stored)),
        CompressionMethod::DEFLATE => Box::new(entry.verifying_reader(DeflateDecoder::new(stored))),
        _ => return Err(named(Fault::Format("it is neither stored nor deflated".to_owned()))),
    };
    npy::header(&mut values).and_then(|header| each(&header, &mut values)).map_err(named)
}

/// Where the entry of this name is, with or without its extension, and how it is compressed.
fn entry(
    archive: &ZipArchive<impl rawzip::ReaderAt>,
    buffer: &mut [u8],
    name: Option<&str>,
) -> Result<(ZipArchiveEntryWayfinder, CompressionMethod), Fault> {
    let mut known = Vec::new();
    let mut found = None;
    let mut entries = archive.entries(buffer);
    let mut seen = 0;
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        seen += 1;
        if seen > MOST_ENTRIES {
            return Err(Fault::Format(format!("it has more than {MOST_ENTRIES} entries")));
        }
        let path = entry.file_path();
        let full = String::from_utf8_lossy(path.as_ref());
        let short = full.strip_suffix(".npy").unwrap_or(&full);
        // Of several entries of one name the last is meant, as Python's zipfile has it.
        if name.is_some_and(|name| name == short || name == full) {
            if entry.flags().is_encrypted() {
                return Err(Fault::Format(format!("`{short}` is encrypted")));
            }
            found = Some((entry.wayfinder(), entry.compression_method()));
        } else if known.len() < MOST_NAMES {
            known.push(short.to_owned());
        }
    }
    found.ok_or(Fault::Unknown { known })
}

fn broken(error: rawzip::Error) -> Fault {
    match error.kind() {
        ErrorKind::MissingEndOfCentralDirectory => {
            Fault::Format("it has no directory at its end: it was cut, or is no zip archive".to_owned())
        }
        _ => Fault::Format(error.to_string()),
    }
}
