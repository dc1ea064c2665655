package io.dil.core.collective;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * What compiled programs know of an MPI from its header, and what differs between the two families:
 * constants are addresses of variables in Open MPI, and numbers in MPICH.
 *
 * <p>Source: {@code mpi.h} of Open MPI 4.1 and of MPICH 4.0. Intel MPI, MVAPICH and Cray MPICH have
 * MPICH's numbers (the MPICH ABI Compatibility Initiative).
 */
enum MpiAbi {
  /** Open MPI. */
  OPEN_MPI(8, 1) {
    @Override
    long handle(NativeLibrary library, Constant constant) {
      return Pointer.nativeValue(library.getGlobalVariableAddress(constant.openMpi));
    }
  },
  /** MPICH and those that share its ABI. */
  MPICH(4, -1) {
    @Override
    long handle(NativeLibrary library, Constant constant) {
      return constant.mpich;
    }
  };

  /** A constant of {@code mpi.h}. */
  enum Constant {
    /** {@code MPI_COMM_WORLD}. */
    WORLD("ompi_mpi_comm_world", 0x44000000L),
    /** {@code MPI_BYTE}. */
    BYTE("ompi_mpi_byte", 0x4c00010dL),
    /** {@code MPI_DOUBLE}, of which only the size is looked at. */
    DOUBLE("ompi_mpi_double", 0x4c00080bL),
    /** {@code MPI_ERRORS_RETURN}. */
    ERRORS_RETURN("ompi_mpi_errors_return", 0x54000001L);

    private final String openMpi;
    private final long mpich;

    Constant(String openMpi, long mpich) {
      this.openMpi = openMpi;
      this.mpich = mpich;
    }
  }

  private final int handleBytes;
  private final long inPlace;

  MpiAbi(int handleBytes, long inPlace) {
    this.handleBytes = handleBytes;
    this.inPlace = inPlace;
  }

  /** Returns a constant as it is handed to the library. */
  abstract long handle(NativeLibrary library, Constant constant);

  /** Returns {@code MPI_IN_PLACE}. */
  Pointer inPlace() {
    return new Pointer(inPlace);
  }

  /** Returns room for a handle that the library writes. */
  Memory newHandle() {
    Memory memory = new Memory(Long.BYTES);
    memory.clear();
    return memory;
  }

  /** Returns a handle that the library has written. */
  long read(Memory handle) {
    return handleBytes == Integer.BYTES ? handle.getInt(0) : handle.getLong(0);
  }
}
