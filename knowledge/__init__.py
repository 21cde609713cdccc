"""What the assistant knows: documents, their passages, the indexes over them and the published versions."""
