"""What the assistant knows: documents, their passages, the indexes over them and the published versions."""

import os

# What is multiplied here is small: a second thread of OpenBLAS gains nothing, and waits for the next product by
# spinning, which took as much processor time as the embedding of a question. Read when numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
