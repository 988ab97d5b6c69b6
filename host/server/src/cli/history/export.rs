//! Writes an export to the standard output, as fast as whoever reads it takes it.

use std::io::Write as _;

use sluice_api::ExportQuery;

use super::progress::Progress;
use super::record::Pieces;
use crate::cli::output;
use crate::cli::way::Place;

/// Writes all exchanges that are asked for.
pub(super) async fn export(record: &Place, asked: ExportQuery) -> anyhow::Result<()> {
    let pieces = record.export(asked).await?;
    write(pieces, Progress::on_a_terminal()).await
}

/// Writes a long answer.
pub(super) async fn write(
    mut pieces: Pieces,
    mut progress: Option<Progress>,
) -> anyhow::Result<()> {
    let mut out = output::Pieces::default();
    while let Some(piece) = pieces.next().await? {
        if !output::is_read(out.write(&piece))? {
            return Ok(());
        }
        if let Some(progress) = &mut progress {
            progress.wrote(piece.len());
        }
    }
    output::is_read(std::io::stdout().flush())?;
    Ok(())
}
