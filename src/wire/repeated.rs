//! Header blocks that were read already.
//!
//! Calls repeat each other: once the table of remembered headers has a method's, each further call's block is the same
//! few bytes, and means the same until the table changes. Such a block is looked up, not read again, and all frames
//! that have it share its fields.

use std::{collections::VecDeque, sync::Arc};

use super::headers::{Block, Cost};

/// Blocks that are known, of one direction: of a unary call these are two, headers and trailers.
const MAX_BLOCKS: usize = 4;
/// The longest block that is known. Longer ones spell fields out, and these are seldom the same.
const MAX_LENGTH: usize = 64;

/// The last blocks of one direction, since the table changed.
#[derive(Debug, Default)]
pub(super) struct Repeated {
    blocks: VecDeque<Known>,
}

#[derive(Debug)]
struct Known {
    bytes: Vec<u8>,
    cost: Cost,
    block: Arc<Block>,
}

impl Repeated {
    /// What these bytes mean, if they were just read.
    pub(super) fn get(&self, bytes: &[u8]) -> Option<(Arc<Block>, Cost)> {
        let known = self.blocks.iter().find(|known| known.bytes == bytes)?;
        Some((Arc::clone(&known.block), known.cost))
    }

    /// These bytes were read, and left the table as it was.
    pub(super) fn put(&mut self, bytes: &[u8], block: &Arc<Block>, cost: Cost) {
        if bytes.len() > MAX_LENGTH {
            return;
        }
        if self.blocks.len() == MAX_BLOCKS {
            self.blocks.pop_front();
        }
        self.blocks.push_back(Known { bytes: bytes.to_vec(), cost, block: Arc::clone(block) });
    }

    /// The table changed: nothing means what it did.
    pub(super) fn forget(&mut self) {
        self.blocks.clear();
    }
}
