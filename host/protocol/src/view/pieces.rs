//! Where the blocks of a body stand, for whoever keeps bodies.

use super::{Dialect, Draft as _, FieldSpans, List, reader};
use crate::{
    Limits, RequestError,
    json::Span,
    summary::{Piece, PieceKind},
};

/// Finds the pieces of a body, in the order in which they stand there.
pub(crate) fn pieces<D: Dialect>(body: &[u8], limits: &Limits) -> Result<Vec<Piece>, RequestError> {
    let index = reader::read::<D>(body, limits)?;
    let mut pieces: Vec<Piece> = Vec::new();
    let piece = |span: Span, kind, role: &str| Piece {
        range: span.start..span.end,
        kind,
        role: role.to_owned(),
    };
    for message in &index.messages {
        let (draft, role) = (D::draft(body, *message), D::role(body, *message));
        for at in 0..draft.count() {
            if let (Some(span), Some(block)) = (draft.span(at), draft.block(body, at)) {
                pieces.push(piece(span, PieceKind::Block(block.kind()), &role));
            }
        }
    }
    let tools = index.tools.iter();
    pieces.extend(tools.map(|tool| piece(tool.whole, PieceKind::Tool, "")));
    let is_beside = |field: &&FieldSpans| {
        let name = field.key.name(body);
        D::BESIDE
            .iter()
            .any(|(beside, _)| *name == *beside.as_bytes())
    };
    for field in index.fields.iter().filter(is_beside) {
        let list = List::new(body, Some(field.value));
        let spans = (0..list.count()).filter_map(|at| list.span(at));
        pieces.extend(spans.map(|span| piece(span, PieceKind::System, "system")));
    }
    pieces.sort_by_key(|piece| piece.range.start);
    Ok(pieces)
}
