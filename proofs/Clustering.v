(** Clustering in Euclidean space: Huygens and König, a random centre, prototypes, Ward's linkage.

    x, z, w    families of points, letters as in Euclid.v
    Every theorem takes a form ip with its four laws; \mean, centroid, dist and spread are the abbreviations of Inner.v. *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema Inner.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope inner_scope.

Section Ward.
Variables (R : rcfType) (V : lmodType R) (ip : V -> V -> R).
Hypothesis ipP : semi_inner ip.

Lemma ip_pair (s t : R) (u v : V) :
  ip (s *: u + t *: v) (s *: u + t *: v) = s ^+ 2 * ip u u + 2%:R * s * t * ip u v + t ^+ 2 * ip v v.
Proof. by rewrite (ipD_sq ipP) !(ip_scale ipP) !(ipZr ipP); ring. Qed.

(** A point on the line through two others, seen from a third (Stewart). *)
Lemma stewart (a b : R) (u v c : V) : a + b != 0 ->
  ip ((a + b)^-1 *: (a *: u + b *: v) - c) ((a + b)^-1 *: (a *: u + b *: v) - c) =
  (a * ip (u - c) (u - c) + b * ip (v - c) (v - c)) / (a + b) - a * b / (a + b) ^+ 2 * ip (u - v) (u - v).
Proof.
move=> ab; have -> : (a + b)^-1 *: (a *: u + b *: v) - c = (a / (a + b)) *: (u - c) + (b / (a + b)) *: (v - c).
  rewrite !scalerBr scalerDr !scalerA ![_^-1 * _]mulrC addrACA -opprD -scalerDl -mulrDl divff //.
  by rewrite scale1r.
have -> : u - v = (u - c) - (v - c) by rewrite opprB addrA subrK.
by rewrite ip_pair (ipB_sq ipP (u - c)); field.
Qed.

End Ward.


Lemma ward_algebra (F : realFieldType) (a b c X Y Z : F) : 0 < a -> 0 < b -> 0 < c ->
  (a + b) * c / (a + b + c) * ((a * X + b * Y) / (a + b) - a * b / (a + b) ^+ 2 * Z) =
  ((a + c) * a * c / (a + c) * X + (b + c) * b * c / (b + c) * Y - c * a * b / (a + b) * Z) / (a + b + c).
Proof.
move=> a_gt0 b_gt0 c_gt0; have neq0 t : 0 < t -> t != 0 :> F by move/gt_eqF->.
by field; rewrite !neq0 // !addr_gt0.
Qed.

Section Euclidean.
Set Default Proof Using "All".  (* every statement names all laws, used or not *)
Variables (R : rcfType) (V : lmodType R) (ip : V -> V -> R).
Hypothesis sym : forall u v, ip u v = ip v u.
Hypothesis scale : forall (a : R) u v, ip (a *: u) v = a * ip u v.
Hypothesis add : forall u u' v, ip (u + u') v = ip u v + ip u' v.
Hypothesis ge0 : forall u, 0 <= ip u u.
Let ipP := SemiInner sym scale add ge0.

(** A difference of squared distances to two points is affine, so it passes to means. *)
Theorem prototype_margin n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) :
  \mean_(i < n.+1) (dist ip (x i) (centroid q w) ^+ 2 - dist ip (x i) (centroid p z) ^+ 2) =
  dist ip (centroid n x) (centroid q w) ^+ 2 - dist ip (centroid n x) (centroid p z) ^+ 2.
Proof. by rewrite meanB (Inner.huygens ipP x (centroid q w)) (Inner.huygens ipP x (centroid p z)) opprD addrACA subrr addr0. Qed.

(** The distortion about any points, Huygens and König. *)
Theorem huygens n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) :
  (\mean_(i < n.+1) \mean_(j < p.+1) dist ip (x i) (z j) ^+ 2) - spread ip p z =
  spread ip n x + dist ip (centroid n x) (centroid p z) ^+ 2.
Proof. by rewrite (huygens_pairs ipP) addrK addrC. Qed.

(** A point drawn at random as the centre costs twice the best one on average. *)
Theorem first_seed n (x : 'I_n.+1 -> V) :
  \mean_(i' < n.+1) \mean_(i < n.+1) dist ip (x i) (x i') ^+ 2 = 2%:R * spread ip n x.
Proof. by rewrite mean_swap (spread_pairs ipP x) mulVKf // pnatr_eq0. Qed.

(** So the best of the points does at most. *)
Theorem medoid_squared n (x : 'I_n.+1 -> V) :
  \big[Num.min/(\mean_(i < n.+1) dist ip (x i) (x ord0) ^+ 2)]_(i' < n.+1) (\mean_(i < n.+1) dist ip (x i) (x i') ^+ 2) <=
  2%:R * spread ip n x.
Proof.
rewrite -first_seed; apply: le_mean => i'.
exact: (bigmin_le (fun i' => \mean_(i < n.+1) dist ip (x i) (x i') ^+ 2)).
Qed.

(** What merging raises the sum of squares by, from what it would have been before the last merge. *)
Theorem ward n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) :
  (n.+1%:R + p.+1%:R) * q.+1%:R / (n.+1%:R + p.+1%:R + q.+1%:R) *
    dist ip ((n.+1%:R + p.+1%:R)^-1 *: (n.+1%:R *: centroid n x + p.+1%:R *: centroid p z)) (centroid q w) ^+ 2 =
  ((n.+1%:R + q.+1%:R) * n.+1%:R * q.+1%:R / (n.+1%:R + q.+1%:R) * dist ip (centroid n x) (centroid q w) ^+ 2
   + (p.+1%:R + q.+1%:R) * p.+1%:R * q.+1%:R / (p.+1%:R + q.+1%:R) * dist ip (centroid p z) (centroid q w) ^+ 2
   - q.+1%:R * n.+1%:R * p.+1%:R / (n.+1%:R + p.+1%:R) * dist ip (centroid n x) (centroid p z) ^+ 2) /
  (n.+1%:R + p.+1%:R + q.+1%:R).
Proof.
rewrite !(norm_sq ipP) (stewart ipP); last by rewrite -natrD pnatr_eq0 addnS.
by apply: ward_algebra; rewrite ltr0n.
Qed.

End Euclidean.
