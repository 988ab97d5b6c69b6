//! A file with a damaged page: the rest of it goes on, and it is kept.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::{ended, exchange, spool};
use crate::item::Item;
use crate::spool::Spool;
use crate::status::WriterState;

/// How large SQLite makes a page unless it is told otherwise.
const PAGE: usize = 4096;

/// Items of which several stand on a page, and some that take several pages.
fn items() -> Vec<Item> {
    let size = |at: usize| if at % 20 == 7 { 15_000 } else { 900 };
    let one = |at: usize| exchange(format!("{at:03}").repeat(size(at) / 3));
    (0..60).map(|at| Item::Ended(one(at).into())).collect()
}

/// Ships everything as the writer does. Returns the places of the items among those that were given.
async fn ship(spool: &Spool, given: &[Item]) -> Vec<usize> {
    let mut shipped = Vec::new();
    while !spool.is_empty() {
        let number = spool.number().await;
        let group = match spool.next().await {
            Ok(group) => group,
            Err(error) => {
                assert!(spool.mend(number, &error).await, "{error}");
                continue;
            }
        };
        let Some(last) = group.last().map(|one| one.seq) else {
            continue;
        };
        for one in group {
            match one.item {
                Ok(item) => {
                    let is_it = |other: &Item| other.id() == item.id();
                    shipped.push(given.iter().position(is_it).unwrap());
                }
                Err(_) => spool.refuse(one.seq, one.id).await.unwrap(),
            }
        }
        if let Err(error) = spool.shipped(last).await {
            assert!(spool.mend(number, &error).await, "{error}");
        }
    }
    shipped
}

/// The files in a folder, by name.
fn files(folder: &Path) -> Vec<String> {
    let name = |file: std::io::Result<fs::DirEntry>| {
        let name = file.unwrap().file_name();
        name.to_string_lossy().into_owned()
    };
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

/// A spool file with items in it.
async fn filled(items: &[Item]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let full = spool(&folder, 1 << 30).await.unwrap();
    assert_eq!(full.keep(items).await.len(), items.len());
    full.close().await;
    fs::read(folder.path().join("data/spool.db")).unwrap()
}

fn in_a_folder(file: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/spool.db"), file).unwrap();
    folder
}

#[tokio::test]
async fn whatever_page_is_damaged_what_stands_elsewhere_is_shipped_in_order() {
    let items = items();
    let whole = filled(&items).await;
    let pages = whole.len() / PAGE;
    assert!(pages > 20, "{pages}");
    let mut aside = 0;
    // Without the first page it is no database, which stops the start.
    for page in 1..pages {
        for filler in [0xff, 0x00] {
            let mut damaged = whole.clone();
            damaged[page * PAGE..(page + 1) * PAGE].fill(filler);
            let folder = in_a_folder(&damaged);
            let spool = spool(&folder, 1 << 30).await.unwrap();
            let mut shipped = ship(&spool, &items).await;
            // Where the end of shipping is what fails, the same comes again.
            let what = format!("page {page} of {filler:x}");
            let first = shipped
                .iter()
                .skip(1)
                .position(|place| *place == shipped[0]);
            if let Some(first) = first {
                shipped.drain(..=first);
            }
            assert!(shipped.is_sorted(), "{what}: {shipped:?}");
            let state = spool.status.get();
            let kept = files(&folder.path().join("data"));
            let kept = kept
                .iter()
                .filter(|name| name.starts_with("spool-damaged-"));
            assert_eq!(kept.count() as u64, state.set_aside, "{what}");
            aside += state.set_aside;
            let missing = items.len() - shipped.len() - state.refused as usize;
            // An inner page names all the others: without it none is found. There is one.
            let is_inner = missing == items.len();
            assert!(is_inner || missing <= 6, "{what}: {missing}");
            assert!(missing == 0 || state.set_aside == 1, "{what}");
            // It takes more, and nothing that is damaged is looked at again.
            assert_eq!(spool.keep(&[ended(1)]).await.len(), 1);
            assert_eq!(spool.next().await.unwrap().len(), 1);
        }
    }
    assert!(aside > pages as u64, "{aside}");
}

#[tokio::test]
async fn what_a_dead_process_left_in_a_damaged_file_is_taken_over() {
    let items = items();
    let mut left = filled(&items).await;
    let stands = |page: &[u8]| {
        page.windows(30)
            .any(|part| part == "030".repeat(10).as_bytes())
    };
    let page = left.chunks(PAGE).position(stands).unwrap();
    left[page * PAGE..(page + 1) * PAGE].fill(0xff);
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/spool-2.db"), left).unwrap();
    let spool = spool(&folder, 1 << 30).await.unwrap();
    let shipped = ship(&spool, &items).await;
    assert!(shipped.is_sorted() && shipped.len() >= 54, "{shipped:?}");
    assert!(shipped.len() < 60);
    assert_eq!(spool.status.get().set_aside, 1);
    // Nothing is left to be taken over.
    assert!(!spool.adopt(usize::MAX).await);
    assert_eq!(spool.status.get().set_aside, 1);
}

#[tokio::test]
async fn a_file_that_is_damaged_while_it_is_used_takes_what_comes() {
    let folder = tempfile::tempdir().unwrap();
    let status = Arc::default();
    let config = crate::config::SpoolConfig {
        path: folder.path().join("data/spool.db"),
        bytes: 1 << 30,
    };
    let spool = Spool::open(config, false, Arc::clone(&status))
        .await
        .unwrap();
    let items = items();
    assert_eq!(spool.keep(&items[..1]).await.len(), 1);
    // The table is gone, as far as SQLite can tell.
    super::run(&spool, "PRAGMA writable_schema = on").await;
    super::run(
        &spool,
        "UPDATE sqlite_schema SET rootpage = 9999 WHERE name = 'spooled'",
    )
    .await;
    super::run(&spool, "PRAGMA writable_schema = reset").await;
    assert_eq!(spool.keep(&items[1..3]).await.len(), 2);
    let expected = WriterState {
        spooled: 2,
        spooled_bytes: status.get().spooled_bytes,
        set_aside: 1,
        ..WriterState::default()
    };
    assert_eq!(status.get(), expected);
    assert_eq!(ship(&spool, &items).await, [1, 2]);
}
