//! What becomes of a file that is damaged: what can be read of it goes to a new file, and it is kept under another name.

use std::path::Path;

use super::file::File;
use super::{GROUP, Row};
use crate::error::Error;
use crate::status::Status;

/// So many places behind one another may be unreadable. Before them nothing is looked for.
const GIVE_UP: u32 = 10_000;

/// Makes a file ready for use: the file itself, or another one in its place if it is damaged.
pub(super) async fn sound(file: File, path: &Path, status: &Status) -> Result<File, Error> {
    match file.prepare().await {
        Err(error) if error.is_damage() => mend(file, path, &error, status).await,
        prepared => prepared.map(|()| file),
    }
}

/// Returns a new file in the place of a damaged one, which is set aside.
pub(super) async fn mend(
    damaged: File,
    path: &Path,
    cause: &Error,
    status: &Status,
) -> Result<File, Error> {
    let (fresh, copied) = salvage(&damaged, path).await?;
    set_aside(damaged, path, copied, cause, status).await;
    Ok(fresh)
}

/// Returns a new file with all that can be read of a damaged one, and how many rows that is. If this is dropped, what it
/// copied is shipped twice and stored once.
pub(super) async fn salvage(damaged: &File, path: &Path) -> Result<(File, u64), Error> {
    let fresh = File::open_fresh(path).await?;
    match copy(damaged, &fresh).await {
        Ok(copied) => Ok((fresh, copied)),
        Err(error) => {
            fresh.discard(path).await;
            Err(error)
        }
    }
}

/// Closes a damaged file, gives it another name, and tells the operator. If that can't be, the file is found and mended
/// once more.
pub(super) async fn set_aside(
    damaged: File,
    path: &Path,
    copied: u64,
    cause: &Error,
    status: &Status,
) {
    damaged.close().await;
    match File::rename_damaged(path, damaged.number) {
        Ok(aside) => {
            status.change(|state| state.set_aside += 1);
            tracing::error!(
                path = %aside.display(),
                copied,
                error = %cause,
                "the spool was damaged: what could be read of it is stored all the same, and the damaged file is kept; \
                 bring back the rest by hand (`sqlite3 FILE .recover`), or delete it"
            );
        }
        Err(error) => {
            tracing::error!(error = %error, "a damaged spool could not be set aside");
        }
    }
}

/// Copies all rows that can be read, each to the place that it had. Returns how many.
async fn copy(from: &File, to: &File) -> Result<u64, Error> {
    let mut at = from.last().await.unwrap_or(i64::MAX);
    let (mut group, mut bytes, mut copied) = (Vec::<Row>::new(), 0, 0);
    let mut failures = 0;
    // From the last one on: the places before the first one that is left have no end.
    while failures < GIVE_UP && at > 0 {
        match from.row_up_to(at).await {
            Ok(None) => break,
            Ok(Some(row)) => {
                failures = 0;
                at = at.min(row.seq);
                bytes += row.payload.len() as u64;
                copied += 1;
                group.push(row);
            }
            Err(_) => failures += 1,
        }
        at -= 1;
        if group.len() >= GROUP.0 || bytes >= GROUP.1 {
            bytes = 0;
            to.restore(std::mem::take(&mut group)).await?;
        }
    }
    to.restore(group).await?;
    Ok(copied)
}
