plugins {
    kotlin("jvm") version "2.3.0"
    application
}

repositories {
    // Where mvn install puts dil until it is released.
    mavenLocal { content { includeGroup("io.dil") } }
    mavenCentral()
}

// Which natives: linux-x86_64, linux-aarch64, osx-aarch64 or win-x86_64.
val natives = "linux-x86_64"

dependencies {
    implementation(platform("io.dil:dil-parent:0.2.0-SNAPSHOT"))
    implementation("io.dil:dil-train")
    implementation("com.h2database:h2:2.4.240")
    runtimeOnly("ai.djl.pytorch:pytorch-jni")
    // Gradle takes no version from a platform where a classifier is named, so this one is written out.
    runtimeOnly("ai.djl.pytorch:pytorch-native-cpu:2.7.1:$natives")
    runtimeOnly("org.slf4j:slf4j-nop")
}

kotlin { jvmToolchain(17) }

application { mainClass = "TrainKt" }
