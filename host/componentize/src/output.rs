//! Writes a component in such a way that nobody reads a partial file.
//!
//! A running Sluice watches its components. So unchanged bytes are not written again, and changed
//! bytes appear all at once, by a rename.

use std::path::Path;
use std::{fs, io, process};

/// Writes `bytes` to `path` and makes the missing folders. Returns whether the file changed.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(false);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    fs::create_dir_all(folder)?;
    // In the same folder, because a rename across file systems is a copy.
    let fresh = folder.join(format!(".{}.{}", name.display(), process::id()));
    fs::write(&fresh, bytes)
        .and_then(|()| fs::rename(&fresh, path))
        .inspect_err(|_| drop(fs::remove_file(&fresh)))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_once_and_left_alone_while_it_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/policy.wasm");
        assert!(write_if_changed(&path, b"one").unwrap());
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        assert!(!write_if_changed(&path, b"one").unwrap());
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        assert!(write_if_changed(&path, b"two").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn nothing_but_the_component_stays_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        write_if_changed(&folder.path().join("policy.wasm"), b"bytes").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let blocked = folder.path().join("policy.wasm/child.wasm");
        assert!(write_if_changed(&blocked, b"bytes").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
