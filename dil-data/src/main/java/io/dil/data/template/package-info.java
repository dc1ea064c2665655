/** Chat templates: Jinja as model folders carry it, rendered without access to anything. */
@NullMarked
package io.dil.data.template;

import org.jspecify.annotations.NullMarked;
