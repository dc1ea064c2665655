/** Where rows come from: specs, files, containers and their compression. */
@NullMarked
package io.dil.data.source;

import org.jspecify.annotations.NullMarked;
