//! Keeps the last piece of a body back until the body has ended.

use futures_util::{Stream, StreamExt as _, stream};

/// Passes each piece on when the next one is there, and the last one when the stream has ended. So what has to be done
/// before the end of a body is done before anybody has all of it, even a caller that takes the end of the connection for
/// the end of the body, as in HTTP/1.0. An error drops the piece that is kept.
pub(super) fn one_behind<T, E>(
    pieces: impl Stream<Item = Result<T, E>> + Send + Unpin,
) -> impl Stream<Item = Result<T, E>> + Send
where
    T: Send,
    E: Send,
{
    stream::unfold((pieces.fuse(), None), |(mut pieces, mut kept)| async move {
        loop {
            let leaves = match pieces.next().await {
                Some(Ok(piece)) => Ok(kept.replace(piece)),
                Some(Err(error)) => Err(error),
                None => Ok(Some(kept.take()?)),
            };
            match leaves {
                Ok(None) => {}
                Ok(Some(piece)) => return Some((Ok(piece), (pieces, kept))),
                Err(error) => return Some((Err(error), (pieces, None))),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn the_last_piece_leaves_when_the_stream_has_ended() {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel::<Result<u8, ()>>();
        let pieces = stream::unfold(receiver, |mut receiver| async move {
            let piece = receiver.recv().await?;
            Some((piece, receiver))
        });
        let mut behind = Box::pin(one_behind(Box::pin(pieces)));
        sender.send(Ok(1)).unwrap();
        assert!(behind.next().now_or_never().is_none());
        sender.send(Ok(2)).unwrap();
        assert_eq!(behind.next().now_or_never(), Some(Some(Ok(1))));
        assert!(behind.next().now_or_never().is_none());
        drop(sender);
        assert_eq!(behind.next().await, Some(Ok(2)));
        assert_eq!(behind.next().await, None);
    }

    #[tokio::test]
    async fn behind_an_error_nothing_leaves() {
        let behind = one_behind(stream::iter([Ok(1), Ok(2), Err(())]));
        let all: Vec<_> = behind.collect().await;
        assert_eq!(all, [Ok(1), Err(())]);
    }
}
