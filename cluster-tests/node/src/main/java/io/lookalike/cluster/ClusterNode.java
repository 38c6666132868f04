package io.lookalike.cluster;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;

/**
 * A node of OpenSearch with the k-NN plug-in, without an installation. Ends when its standard input
 * does, so that nothing is left when who started it is killed.
 */
public final class ClusterNode {

  private ClusterNode() {}

  /**
   * Starts a node, and says so.
   *
   * @param settings each as {@code name=value}
   */
  public static void main(String[] settings) throws Exception {
    var builder = Settings.builder();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      String name = setting.substring(0, equals);
      String value = setting.substring(equals + 1);
      if (value.contains(",")) {
        builder.putList(name, value.split(","));
      } else {
        builder.put(name, value);
      }
    }
    Environment environment =
        InternalSettingsPreparer.prepareEnvironment(builder.build(), Map.of(), null, () -> "node");
    var node =
        new Embedded(
            environment,
            List.of(
                plugin("org.opensearch.transport.Netty4Plugin"),
                plugin("org.opensearch.knn.plugin.KNNPlugin")));
    var parent = new Thread(ClusterNode::endWithInput, "end-with-input");
    parent.setDaemon(true);
    parent.start();
    node.start();
    System.out.println("started");
    parent.join(); // the node's own threads keep no JVM alive
  }

  private static void endWithInput() {
    try {
      while (System.in.read() >= 0) {
        // nothing is said to it
      }
    } catch (IOException e) {
      // as good as the end
    }
    Runtime.getRuntime().halt(0);
  }

  private static Class<? extends Plugin> plugin(String name) throws ClassNotFoundException {
    return Class.forName(name).asSubclass(Plugin.class);
  }

  private static final class Embedded extends Node {
    Embedded(Environment environment, Collection<Class<? extends Plugin>> plugins) {
      super(environment, plugins, false);
    }

    @Override
    protected void configureNodeAndClusterIdStateListener(ClusterService clusterService) {
      // Sets what log files are called, of which there are none.
    }
  }
}
