//! The list of sentences, the two files and the screens' limits agree.
