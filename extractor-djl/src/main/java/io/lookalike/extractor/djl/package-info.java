/** Features of pictures by TorchScript networks, on PyTorch through DJL. */
@NullMarked
package io.lookalike.extractor.djl;

import org.jspecify.annotations.NullMarked;
