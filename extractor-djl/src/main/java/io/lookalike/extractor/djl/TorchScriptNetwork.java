package io.lookalike.extractor.djl;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorContext;
import io.lookalike.extractor.ModelFileException;
import io.lookalike.extractor.Network;
import io.lookalike.extractor.Pooling;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A network on PyTorch, through DJL, on the processor. One picture at a time is in it, on all of
 * the threads that PyTorch uses for one.
 */
final class TorchScriptNetwork implements Network {
  private static final String ENGINE = "PyTorch";

  /** While this is true, DJL neither downloads native libraries nor reports that it was started. */
  private static final String OFFLINE = "ai.djl.offline";

  private final Model model;
  private final Predictor<Planes, float[]> predictor;

  private record Planes(FloatBuffer values, int width, int height) {}

  private TorchScriptNetwork(Model model, @Nullable Pooling pooling) {
    this.model = model;
    this.predictor = model.newPredictor(new Translator(pooling));
  }

  /**
   * Loads a file.
   *
   * @throws ModelFileException if PyTorch cannot load it
   * @throws IllegalStateException if PyTorch's native library is not there
   */
  static TorchScriptNetwork load(Path file, @Nullable Pooling pooling) {
    start();
    Path path = file.toAbsolutePath();
    Model model = Model.newInstance(path.getFileName().toString(), Device.cpu(), ENGINE);
    boolean loaded = false;
    try {
      model.load(path.getParent(), path.getFileName().toString());
      TorchScriptNetwork network = new TorchScriptNetwork(model, pooling);
      loaded = true;
      return network;
    } catch (IOException | MalformedModelException | RuntimeException e) {
      throw new ModelFileException(
          file, "not a TorchScript network that PyTorch can load: " + reason(e), e);
    } finally {
      if (!loaded) {
        model.close();
      }
    }
  }

  /** Starts PyTorch, unless it has been, without DJL's use of the network. */
  private static synchronized void start() {
    String before = System.getProperty(OFFLINE);
    System.setProperty(OFFLINE, "true");
    try {
      Engine.getEngine(ENGINE);
    } catch (RuntimeException | LinkageError e) {
      FileSystemException folder = folderProblem(e);
      if (folder != null) {
        throw new IllegalStateException(
            "PyTorch cannot be started: its libraries cannot be unpacked to \""
                + folder.getFile()
                + "\": "
                + (folder.getReason() == null
                    ? folder.getClass().getSimpleName()
                    : folder.getReason())
                + "; make the folder usable, or name another with DJL_CACHE_DIR=FOLDER in the"
                + " environment or -DDJL_CACHE_DIR=FOLDER",
            e);
      }
      throw new IllegalStateException(
          "PyTorch cannot be started on this platform, "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + ": are ai.djl.pytorch:pytorch-jni and pytorch-native-cpu, with the platform's"
              + " classifier, on the class path? "
              + reason(e),
          e);
    } finally {
      if (before == null) {
        System.clearProperty(OFFLINE);
      } else {
        System.setProperty(OFFLINE, before);
      }
    }
  }

  /** What is wrong with the folder to which DJL copies libraries, or null. */
  private static @Nullable FileSystemException folderProblem(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof FileSystemException mine) {
        return mine;
      }
    }
    return null;
  }

  /** Of PyTorch's many lines, the one that says what is wrong. */
  private static String reason(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = String.valueOf(root.getMessage()).strip();
    return message
        .lines()
        .filter(line -> line.startsWith("RuntimeError: "))
        .findFirst()
        .orElse(message.lines().findFirst().orElse(root.toString()));
  }

  @Override
  public synchronized float[] run(FloatBuffer input, int width, int height) {
    try {
      return predictor.predict(new Planes(input, width, height));
    } catch (TranslateException | RuntimeException e) {
      throw new IllegalStateException(
          "it fails on a picture of " + width + " x " + height + " pixels: " + reason(e), e);
    }
  }

  @Override
  public synchronized void close() {
    predictor.close();
    model.close();
  }

  /** Arrays go in and come out here, and nowhere else. */
  private record Translator(@Nullable Pooling pooling)
      implements NoBatchifyTranslator<Planes, float[]> {

    @Override
    public NDList processInput(TranslatorContext context, Planes planes) {
      return new NDList(
          context
              .getNDManager()
              .create(planes.values(), new Shape(1, 3, planes.height(), planes.width())));
    }

    @Override
    public float[] processOutput(TranslatorContext context, NDList output) {
      NDArray features = output.head();
      DataType type = features.getDataType();
      if (type != DataType.FLOAT32 && type != DataType.FLOAT64 && type != DataType.FLOAT16) {
        throw new IllegalArgumentException("its output is of type " + type + ", expected float32");
      }
      return Pooling.features(
          features.toType(DataType.FLOAT32, false).toFloatArray(),
          features.getShape().getShape(),
          pooling);
    }
  }
}
